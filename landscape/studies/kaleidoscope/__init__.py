"""The kaleidoscope: how samples of networks trained on images settle, from noise to points of rest, and how they jump."""
