"""The kaleidoscope: samples of networks trained on images, from noise to what they come to rest at, and how they jump."""
