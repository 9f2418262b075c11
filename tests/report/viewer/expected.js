// What the package's Python computes from the same input. tests/report/test_viewer.py writes it.
import { readFileSync } from "node:fs";

export const expected = JSON.parse(readFileSync(process.env.VIEWER_EXPECTED, "utf8"));
