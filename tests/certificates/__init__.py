"""Power certificates: every claim is judged on data in which it is true, false, at its threshold, or made by a control."""
