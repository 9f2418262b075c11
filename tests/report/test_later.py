"""Texts that a thread computes while a page is made."""

from __future__ import annotations

import threading

import pytest

from landscape.report.later import Later


def test_texts_stand_where_their_marks_stood_in_any_order() -> None:
    later = Later()
    marks = [later.text(lambda number=number: f"<{number}>") for number in range(12)]
    assert later.filled(f"{marks[11]} a {marks[1]}{marks[0]} {marks[11]}") == "<11> a <1><0> <11>"


def test_a_text_is_computed_in_another_thread_before_the_page_is_filled() -> None:
    later, computed = Later(), threading.Event()

    def text() -> str:
        computed.set()
        return threading.current_thread().name

    mark = later.text(text)
    assert computed.wait(60)
    assert later.filled(mark) != threading.current_thread().name


def test_what_a_function_raises_is_raised_when_the_page_is_filled() -> None:
    later = Later()
    mark = later.text(lambda: str(1 / 0))
    with pytest.raises(ZeroDivisionError):
        later.filled(mark)


def test_what_a_thread_cannot_do_is_done_when_the_page_is_filled():
    later, threads = Later(), []

    def otherwise():
        threads.append(threading.current_thread())
        return "here"

    marks = [later.attempt(lambda: "beside", otherwise), later.attempt(lambda: None, otherwise)]
    assert threads == []
    assert later.filled(" ".join(marks)) == "beside here"
    assert threads == [threading.current_thread()]
