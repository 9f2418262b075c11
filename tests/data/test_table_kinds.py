"""Tables in the notations that real files have: each is read as it is meant, or refused with the cause."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from landscape.data import Dataset, DataSpec, load_data
from landscape.data.dates import is_date

LENGTHS = [6.1, 3.16, 1.33, 0.5, 7.51, 8.3, 5.85, 12.4]
WEIGHTS = [1757.4, 1033.4, 823.5, 1079.9, 58.8, 2681.8, 758.8, 12345.5]
CLASSES = ["elm", "elm", "ash", "oak", "oak", "ash", "oak", "elm"]
PLAIN = {"length": LENGTHS, "weight": WEIGHTS, "class": CLASSES}
ORDER = np.random.default_rng(0).permutation(8)


def read(root: Path, text: str | bytes, name: str = "own.csv") -> Dataset:
    (root / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return load_data(DataSpec(name), (0,))


def rows(data: Dataset) -> pd.DataFrame:
    """The table's rows in the file's order."""
    return (
        data.decode(data.points[0])
        .iloc[np.argsort(np.random.default_rng(0).permutation(data.count))]
        .reset_index(drop=True)
    )


def text_of(separator: str, number: Any = str, header: str = "length{0}weight{0}class") -> str:
    body = [
        separator.join([number(length), number(weight), name])
        for length, weight, name in zip(LENGTHS, WEIGHTS, CLASSES, strict=True)
    ]
    return "\n".join([header.format(separator), *body]) + "\n"


def comma(number: float) -> str:
    return str(number).replace(".", ",")


def german(number: float) -> str:
    return f"{number:,}".translate(str.maketrans(",.", ".,"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(text_of(","), "", id="commas"),
        pytest.param(text_of(", "), "", id="commas and blanks"),
        pytest.param(text_of(" , "), "", id="blanks and commas and blanks"),
        pytest.param(text_of(";"), "separated by ';'", id="semicolons"),
        pytest.param("sep=;\n" + text_of(";"), "separated by ';'", id="Excel's word for the separator"),
        pytest.param(text_of("\t"), "separated by tabs", id="tabs"),
        pytest.param(text_of("|"), "separated by '|'", id="bars"),
        pytest.param(text_of(" "), "separated by blanks", id="blanks"),
        pytest.param(text_of("   "), "separated by blanks", id="several blanks"),
        pytest.param(text_of(";", comma), "separated by ';'; decimal comma", id="decimal comma, semicolons"),
        pytest.param(text_of("\t", comma), "separated by tabs; decimal comma", id="decimal comma, tabs"),
        pytest.param(text_of("|", comma), "separated by '|'; decimal comma", id="decimal comma, bars"),
        pytest.param(text_of(" ", comma), "separated by blanks; decimal comma", id="decimal comma, blanks"),
        pytest.param(text_of(",", lambda x: f'"{comma(x)}"'), "decimal comma", id="decimal comma, quoted"),
        pytest.param(text_of(";", german), "separated by ';'; decimal comma; grouped thousands", id="1.234,5"),
        pytest.param(text_of(",", lambda x: f'"{x:,}"'), "grouped thousands", id="1,234.5"),
        pytest.param(text_of(";", lambda x: f"{x:,}"), "separated by ';'; grouped thousands", id="1,234.5 semicolons"),
        pytest.param(text_of(",", lambda x: f"{x:,}".replace(",", " ")), "grouped thousands", id="1 234.5"),
        pytest.param(text_of(";", lambda x: german(x).replace(".", "\u202f")), "decimal comma; grouped", id="1 234,5"),
        pytest.param(text_of(",", lambda x: f"{x:,}".replace(",", "'")), "grouped thousands", id="1'234.5"),
        pytest.param(text_of(",", lambda x: f"{x} kg"), "'length' in kg; 'weight' in kg", id="units"),
        pytest.param(text_of(",", lambda x: f"{x}kg"), "'length' in kg; 'weight' in kg", id="units without blank"),
        pytest.param(text_of(",", lambda x: f"{x}%"), "'length' in %; 'weight' in %", id="percent"),
        pytest.param(text_of(",", lambda x: f'"${x:,}"'), "'length' in $; grouped thousands; 'weight' in $", id="dollars"),
        pytest.param(text_of(";", lambda x: f"{german(x)} €"), "'length' in €; grouped", id="euros"),
        pytest.param(text_of(",", lambda x: f"{x:e}"), "", id="exponents"),
        pytest.param("\ufeff" + text_of(","), "", id="byte-order mark"),
        pytest.param(("\ufeff" + text_of("\t")).encode("utf-16-le"), "separated by tabs", id="UTF-16"),
        pytest.param(text_of(",").replace("\n", "\r\n"), "", id="Windows lines"),
        pytest.param(text_of(",") + "\n\n", "", id="empty lines at the end"),
    ],
)  # fmt: skip
def test_numbers_and_classes_read_alike_in_all_notations(root: Path, text: str | bytes, said: str) -> None:
    data = read(root, text)
    pd.testing.assert_frame_equal(rows(data), pd.DataFrame(PLAIN), rtol=1e-6, check_dtype=False)
    assert data.classes == ("ash", "elm", "oak")
    first, _, rest = data.summary.partition("; ")
    assert first == "8 rows: 2 numbers, 1 category (3 values) → 5 coordinates"
    assert said in rest
    assert bool(said) == bool(rest)


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["−3", "+4", "5"], [-3, 4, 5]),
        (["0x1F", "0xff", "0x10"], [31, 255, 16]),
        (["(3)", "1,5", "2,5", "3,5"], None),
        (["-$5", "$-6", "$ 7"], [-5, -6, 7]),
        (["1,757", "758", "2,681"], [1757, 758, 2681]),
        (["0,125", "1,250", "3,375"], [0.125, 1.25, 3.375]),
        (["1,234,567", "1,234", "2,345"], [1234567, 1234, 2345]),
        ([".5", "1.", "2e-1"], [0.5, 1, 0.2]),
        (["45 %", "50%", "7.5%"], [45, 50, 7.5]),
        (["True", "FALSE", "true"], [True, False, True]),
        (["2WD", "4WD", "2WD"], ["2WD", "4WD", "2WD"]),
        (["1 bed", "2 beds", "1 bed"], ["1 bed", "2 beds", "1 bed"]),
        (["1.2.3", "1.2.4", "1.2.3"], ["1.2.3", "1.2.4", "1.2.3"]),
        (["3-5", "5-7", "3-5"], ["3-5", "5-7", "3-5"]),
        (["room 1", "room 2", "room 1"], ["room 1", "room 2", "room 1"]),
        ([str(2**63 + n) for n in (0, 1, 5)], [2**63 + n for n in (0, 1, 5)]),
        ([str(2**53 + n) for n in (0, 1, 5)], [2**53 + n for n in (0, 1, 5)]),
        ([str(10**30 + n) for n in (0, 1, 5)], [10**30 + n for n in (0, 1, 5)]),
        ([str(-(10**18) + n) for n in (0, 1, 5)], [-(10**18) + n for n in (0, 1, 5)]),
    ],
)
def test_single_cells_read_as_what_they_mean(root: Path, cells: list[str], numbers: list[Any] | None) -> None:
    text = "a,b\n" + "".join(f'"{cell}",{place}\n' for place, cell in enumerate(cells))
    if numbers is None:
        with pytest.raises(ValueError, match=r"row 1 of column 'a' is '\(3\)', in a column of numbers"):
            read(root, text)
    else:
        assert rows(read(root, text))["a"].tolist() == numbers


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('a,b\n"1,234",1\n"2,345",2\n', "column 'a' may hold thousands or decimals, e.g. '1,234'; write thousands without ','"),
        ("a;b\n1.234;1\n2.345;2\n", "column 'a' may hold thousands or decimals, e.g. '1.234'"),
        ("a;b\n1,5;1\n2.5;2\n3,5;4\n", "column 'a' writes decimals in two ways, e.g. '2.5' and '1,5'"),
        ("a,b\n3 kg,1\n400 g,2\n5 kg,4\n", "column 'a' has several units, e.g. '400 g' and '3 kg'"),
        ("a,b\n3 kg,1\n400,2\n5 kg,4\n", "column 'a' has several units, e.g. '400' and '3 kg'"),
        ("a,b\n2020-01-01,1\n2020-01-02,2\n", "column 'a' holds dates or times, e.g. '2020-01-01'; turn them into numbers"),
        ("a;b\n01.02.2020;1\n02.02.2020;2\n", "column 'a' holds dates or times"),
        ("a,b\n1/2/2020,1\n2/2/2020,2\n", "column 'a' holds dates or times"),
        ("a,b\n12:30,1\n13:45,2\n", "column 'a' holds dates or times, e.g. '12:30'"),
        ("a,b\n2020-01-01 10:00,1\n2020-01-02 11:30,2\n", "column 'a' holds dates or times"),
        ("a b,c\n2020-01-01 10:00,1\n2020-01-02 11:30,2\n", "column 'a b' holds dates or times"),
        ("a,b\n2020-01-01T10:00:00Z,1\n2020-01-02T11:30:00Z,2\n", "column 'a' holds dates or times"),
        ("a,b\n3 Jan 2020,1\n4 Feb 2020,2\n", "column 'a' holds dates or times"),
        ("a,b\nEU,1\nNA,2\nEU,3\n", "row 2 of column 'a' is 'NA', which may mean a missing value or be a word"),
        ("a,b\nx,1\nNone,2\nx,3\n", "row 2 of column 'a' is 'None', which may mean"),
        ("a,b\nx,1\nnull,2\nx,3\n", "row 2 of column 'a' is 'null', which may mean"),
        ("a,b\n1,1\nN/A,2\n3,3\n", "row 2 of column 'a' is 'N/A', which may mean"),
        ("a,b\n1,1\nnan,2\n3,3\n", "row 2 of column 'a' is empty ('nan'); fill it in"),
        ("a\n1\n\n3\n", "row 2 of column 'a' is empty"),
        ("id,a\n" + "".join(f"sample-{n},{n}\n" for n in range(9)), "column 'id' holds 9 different values in 9 rows"),
        ("6.1,17\n3.2,10\n1.3,8\n", "it begins with numbers (6.1,17); its first line must name the columns"),
        ("2019,class\n3,a\n1,b\n", "and has '2019' among them (2019,class); write x2019 if that is a name, or add a line"),
        ("2019,2021,2022,class\n3,10,1,a\n1,8,2,b\n", "its first line must name the columns in words, and has '2019'"),
        ("2019,2020,class\n2021,1990,a\n2020,1991,b\n", "its first line must name the columns in words, and has '2019'"),
        ("3,4,class\n1,10,a\n2,8,b\n", "must name the columns in words, and has '3' among them (3,4,class); write x3"),
        ("2019,2020\n3,10\n1,8\n", "it begins with numbers (2019,2020); its first line must name the columns: add one"),
        ("p,x\np,y\ne,x\n", "its first line may be a row, for 'p' comes again below"),
        ("a,a\n1,2\n3,4\n", "two columns are called 'a'"),
        ("a b\n1 2 3\n2 5 7\n", "its first line has 2 cells, its rows have 3; name every column, and leave out"),
        ("a\n1,5\n2,5\n", "its first line has 1 cells, its rows have 2"),
        ("a,b;c\noak,red;elm\nash,red;fir\n", "its cells may be separated by ',' or ';'; quote the cells"),
        *(
            (f"a{mark}b\n" + "".join(f"{n}{mark}{n / 3}\n" for n in range(9)), f"be separated by {mark!r}, which is not")
            for mark in ":/~^&#\x01\x1f"
        ),
        ("a:b\n1,5:2,5\n3,5:1,5\n", "its cells seem to be separated by ':', which is not read, for times and paths hold it"),
        ("a:b\n" + "".join(f"x{n}-{n}\n" for n in range(9)), "column 'a:b' holds 9 "),
    ],
)  # fmt: skip
def test_what_could_be_read_in_two_ways_is_refused(root: Path, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"own\.csv") as found:
        read(root, text)
    assert message in str(found.value)
    assert "\n" not in str(found.value)


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ('"length, in cm";"weight\nin g"', ["length, in cm", "weight\nin g"]),
        ("length, in cm;weight, in g", ["length, in cm", "weight, in g"]),
        ("the length;the weight", ["the length", "the weight"]),
        (" length ; weight", ["length", "weight"]),
    ],
)
def test_headers_may_hold_commas_blanks_and_lines(root: Path, header: str, names: list[str]) -> None:
    data = read(root, header + "\n1,5;20,25\n2,5;10,5\n3;7,75\n")
    assert rows(data).to_dict("list") == {names[0]: [1.5, 2.5, 3.0], names[1]: [20.25, 10.5, 7.75]}


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("name,2019,2020,2021", ["name", "2019", "2020", "2021"]),
        ("2020,2010,2000,name", ["2020", "2010", "2000", "name"]),
        ("name,2019,mean,2020", ["name", "2019", "mean", "2020"]),
    ],
)
def test_years_in_a_header_are_names(root: Path, header: str, names: list[str]) -> None:
    row = [["elm" if name == "name" else 1.5 * place + n * n for place, name in enumerate(names)] for n in range(4)]
    body = "\n".join(
        ",".join("ash" if n % 2 and cell == "elm" else str(cell) for cell in line) for n, line in enumerate(row)
    )
    data = read(root, f"{header}\n{body}\n")
    assert list(rows(data)) == names
    years = [name for name in names if name.isdecimal()]
    assert rows(data)[years[0]].tolist() == [line[names.index(years[0])] for line in row]
    assert f"the years {years[0]} to {years[-1]} in the first line are names of columns" in data.summary


def test_a_file_without_a_header_keeps_its_first_row(root: Path) -> None:
    data = read(root, "6.1,elm\n3.2,ash\n1.3,elm\n4.4,ash\n")
    assert rows(data).to_dict("list") == {"column 1": [6.1, 3.2, 1.3, 4.4], "column 2": ["elm", "ash", "elm", "ash"]}
    assert "without a header, columns named column 1 to column 2" in data.summary


def test_categories_that_differ_by_blanks_alone_are_one(root: Path) -> None:
    data = read(root, "length, class\n6.1,yes\n3.2, yes\n1.3,no \n4.4,no\n")
    assert data.classes == ("no", "yes")


FRAMES = {
    "integer names": pd.DataFrame({0: [0.5, 1.5, 2.25], 1: [3, 1, 2]}),
    "name and integer": pd.DataFrame({"a": [0.5, 1.5, 2.25], "1": ["x", "y", "x"]}),
    "levels": pd.DataFrame({("a", "x"): [0.5, 1.5, 2.25], ("a", "y"): [3, 1, 2]}),
    "int8": pd.DataFrame({"a": np.array([-128, 5, 127], np.int8), "b": np.array([0, 9, 255], np.uint8)}),
    "uint64": pd.DataFrame({"a": np.array([2**64 - 1, 2**64 - 7, 2**64 - 3], np.uint64), "b": [1, 2, 3]}),
    "int64": pd.DataFrame({"a": [2**62, 2**62 + 1, 2**62 + 5], "b": [-(2**62), -(2**62) + 2, -(2**62) + 3]}),
    "float32": pd.DataFrame({"a": np.array([0.5, 1.25, -7], np.float32), "b": np.array([1, 2, 3], np.float16)}),
    "far from zero": pd.DataFrame({"a": [1e6 + 0.001, 1e6 + 0.002, 1e6 + 0.005], "b": [1, 2, 3]}),
    "categories": pd.DataFrame({"a": pd.Categorical([2, 10, 2]), "b": pd.Categorical(["y", "x", "y"])}),
    "ordered": pd.DataFrame(
        {"a": pd.Categorical(["low", "high", "low"], ["low", "mid", "high"], ordered=True), "b": [1, 2, 3]}
    ),
    "bool": pd.DataFrame({"a": [True, False, True], "b": [1, 2, 3]}),
    "class of numbers": pd.DataFrame({"class": [7, 3, 7], "b": [1.0, 2.0, 3.0]}),
}  # fmt: skip


@pytest.mark.parametrize("kind", FRAMES)
def test_typed_columns_come_back_with_their_names_and_types(root: Path, kind: str) -> None:
    FRAMES[kind].to_parquet(root / "own.parquet")
    data = load_data(DataSpec("own.parquet"), (0,))
    pd.testing.assert_frame_equal(rows(data), FRAMES[kind], check_column_type=False, rtol=1e-9)


@pytest.mark.parametrize("backend", ["pyarrow", "numpy_nullable"])
def test_pandas_extension_arrays_read_as_plain_numbers(root: Path, backend: Any) -> None:
    plain = pd.DataFrame({"a": [0.5, 1.5, 2.25], "n": [3, 1, 2], "yes": [True, False, True], "class": ["x", "y", "x"]})
    plain.convert_dtypes(dtype_backend=backend).to_parquet(root / "own.parquet")
    data = load_data(DataSpec("own.parquet"), (0,))
    pd.testing.assert_frame_equal(rows(data), plain, check_dtype=False)
    assert rows(data).dtypes.astype(str).tolist()[:3] == ["float64", "int64", "bool"]
    assert data.classes == ("x", "y")


@pytest.mark.parametrize(
    ("index", "said", "columns"),
    [
        (pd.Index([6.1, 3.2, 1.3], name="length"), "index 'length' kept as a column", ["length", "a"]),
        (pd.RangeIndex(3, name="id"), "index 'id' kept as a column", ["id", "a"]),
        (pd.MultiIndex.from_tuples([(1, 5), (2, 7), (3, 6)], names=["b", "c"]), "index 'b', 'c' kept", ["b", "c", "a"]),
        (pd.Index([7, 3, 5]), "an index without a name left out", ["a"]),
        (pd.RangeIndex(3), "", ["a"]),
    ],
)
def test_an_index_is_kept_if_it_has_a_name(root: Path, index: pd.Index, said: str, columns: list[str]) -> None:
    pd.DataFrame({"a": [1.5, 2.5, 3.75]}, index=index).to_parquet(root / "own.parquet")
    data = load_data(DataSpec("own.parquet"), (0,))
    assert list(rows(data)) == columns
    assert data.summary.partition("; ")[2].startswith(said)
    assert bool(said) == ("; " in data.summary)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pd.to_datetime(["2020-01-01", "2020-01-02"]), "column 'a' holds dates"),
        (pd.to_datetime(["2020-01-01", "2020-01-02"]).date, "column 'a' holds dates or times, e.g. 2020-01-01"),
        ([[1, 2], [3, 4]], "column 'a' holds lists or records"),
        ([{"x": 1}, {"x": 2}], "column 'a' holds lists or records"),
        (["1,5", None], "row 2 of column 'a' is empty"),
        (["2020-01-01", "2020-01-02"], "column 'a' holds dates or times"),
    ],
)
def test_parquet_columns_that_hold_no_numbers_are_refused(root: Path, column: Any, message: str) -> None:
    pd.DataFrame({"a": column, "b": [1, 2]}).to_parquet(root / "own.parquet")
    with pytest.raises(ValueError, match=r"own\.parquet") as found:
        load_data(DataSpec("own.parquet"), (0,))
    assert message in str(found.value)


def test_texts_of_a_parquet_file_read_as_those_of_a_csv_file(root: Path) -> None:
    pd.DataFrame({"a": ["$1,200.5", "$7.25", "$8"], "b": [1, 2, 3]}).to_parquet(root / "own.parquet")
    assert rows(load_data(DataSpec("own.parquet"), (0,)))["a"].tolist() == [1200.5, 7.25, 8.0]


def test_a_parquet_file_that_unpacks_to_more_than_the_limit_is_refused(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("landscape.data.frames.MAX_CELL_BYTES", 100_000)
    for column in (np.zeros(20_000), ["x" * 1000] * 500):
        pd.DataFrame({"a": column}).to_parquet(root / "own.parquet")
        assert (root / "own.parquet").stat().st_size < 20_000
        with pytest.raises(ValueError, match=r"its cells take 0\.0 GB, and at most 0\.0001 are read"):
            load_data(DataSpec("own.parquet"), (0,))


def test_samples_beyond_a_type_stay_within_it() -> None:
    from landscape.data.tables import table_of

    table = table_of(pd.DataFrame({"a": np.array([0, 255], np.uint8), "b": [1, 2]}))
    assert table.decode(np.array([[1.2, 0], [-0.5, 1]]))["a"].tolist() == [255, 0]
    assert table.decode(np.array([[np.nan, 0], [0, 1]]))["a"].isna().tolist() == [True, False]


def many(kind: str, different: int) -> str:
    """A table of 400 rows whose column `a` takes so many values."""
    return "a,b,class\n" + "".join(
        f'"{kind.format(20 + row % different)}",{row},{"elm" if row % 3 else "ash"}\n' for row in range(400)
    )


@pytest.mark.parametrize(
    "kind", ["({})", "{}-", "1,{},000", "1.5D+{}", "10×10^{}", "{}k", "<{}", "~{}", "#{}", "{}/8", "2-{}", "0b{}"]
)
def test_numbers_in_an_unknown_notation_are_no_categories(root: Path, kind: str) -> None:
    with pytest.raises(ValueError, match=r"look like numbers in a notation that cannot be read|several units"):
        read(root, many(kind, 40))


@pytest.mark.parametrize("kind", ["R${}", "US$ {}", "₽{}", "Rs. {}", "–{}"])
def test_more_currencies_and_dashes_are_numbers(root: Path, kind: str) -> None:
    data = read(root, many(kind, 40))
    assert data.summary.startswith("400 rows: 2 numbers, 1 category (2 values) → 4 coordinates")


@pytest.mark.parametrize("kind", ["room {}", "{} Main Street, No. {}", "level-{}"])
def test_words_with_numbers_stay_categories(root: Path, kind: str) -> None:
    assert read(root, many(kind.replace("{} Main", "Oak"), 12)).summary.startswith("400 rows: 1 number, 2 categories")


@pytest.mark.parametrize(
    "text",
    [
        "2024/3", "3/2024", "Jan 5", "Jan-24", "5 Jan", "Q1 2024", "2024-Q1", "20240101T120000Z", "Mon Jan  1 00:00:00 2024",
        "Mon 01:30", "0 days 03:00:00", "3 days", "10h 10m", "PT1H", "P1DT2H", "1 AM", "2024年3月", "Monday, 5 January 2024",
        "12:30", "2020-01-01", "2020-01-01T12:30:00Z", "1/2/2020", "3.1.2020", "2024-W05",
    ],
)  # fmt: skip
def test_dates_times_and_durations_are_recognised(text: str) -> None:
    assert is_date(text)


@pytest.mark.parametrize(
    "text", ["room 1", "may", "mar", "1 bed", "12", "1.5", "2-7", "18-25", "p", "1.2.3.4", "10m", "A1"]
)
def test_words_and_numbers_are_no_dates(text: str) -> None:
    assert not is_date(text)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["20240131", "20231201", "20221105"], "'a' is read as whole numbers, though it may hold dates (20240131)"),
        (["00003", "00120", "01999"], "'a' is read as whole numbers, without the zeros before them (00003)"),
        (["3", "120", "1999"], ""),
    ],
)
def test_whole_numbers_that_may_be_codes_give_a_note(root: Path, cells: list[str], said: str) -> None:
    data = read(root, "a,b\n" + "".join(f"{cell},{row}\n" for row, cell in enumerate(cells)))
    assert data.summary.partition("; ")[2] == said


def test_decimals_are_numbers_and_bytes_are_refused(root: Path) -> None:
    pd.DataFrame({"a": [Decimal("1.50"), Decimal("2.25")], "b": [1, 2]}).to_parquet(root / "own.parquet")
    data = load_data(DataSpec("own.parquet"), (0,))
    assert sorted(data.decode(data.points[0])["a"]) == [1.5, 2.25]
    pd.DataFrame({"a": [b"x", b"y"], "b": [1, 2]}).to_parquet(root / "other.parquet")
    with pytest.raises(ValueError, match="column 'a' holds bytes values"):
        load_data(DataSpec("other.parquet"), (0,))


@pytest.mark.parametrize("title", ["# made by the lab", "Report of trees"])
def test_a_title_above_the_table_is_refused_as_what_it_is(root: Path, title: str) -> None:
    with pytest.raises(ValueError, match=f"its first line, '{title}', names no columns; remove it"):
        read(root, f"{title}\n{text_of(',')}")
