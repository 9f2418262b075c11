"""Trackers: TensorBoard, Weights & Biases and MLflow draw the course of a run."""

from landscape.trackers.making import log_to as log_to
from landscape.trackers.making import trackers_of as trackers_of
from landscape.trackers.tracker import Tracker as Tracker
