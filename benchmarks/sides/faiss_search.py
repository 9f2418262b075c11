"""Exact search with a flat FAISS index, served over a pipe to neighbours.py.

It runs in an interpreter of its own that has faiss and numpy. A line names an .npz with points, data and count; the answer
is the file with distances and indices, searched once. Each line "go" after it searches again and answers with its seconds."""

from __future__ import annotations

import json
import sys
import time

import faiss
import numpy as np


def serve() -> None:
    """Answer each line of standard input until its end."""
    faiss.omp_set_num_threads(1)
    clock = time.process_time if "cpu" in sys.argv else time.perf_counter
    index, points, count = faiss.IndexFlatL2(1), np.zeros((0, 1), np.float32), 1
    for line in sys.stdin:
        if line.strip() == "go":
            began = clock()
            index.search(points, count)
            answer: float | str = clock() - began
        else:
            with np.load(line.strip()) as job:
                points, count = job["points"], int(job["count"])
                index = faiss.IndexFlatL2(points.shape[1])
                index.add(job["data"])
            squares, indices = index.search(points, count)
            answer = line.strip().removesuffix(".npz") + "-found.npz"
            np.savez(answer, distances=np.sqrt(np.maximum(squares, 0)), indices=indices)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    print(json.dumps(f"FAISS {faiss.__version__}, flat"), flush=True)
    serve()
