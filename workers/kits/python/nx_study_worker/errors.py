"""Failures that a worker raises on purpose: their message is for people."""


class WorkerError(Exception):
    """The measurement can't be done as asked; `type` is one of the protocol's failure types."""

    type = "crash"


class Unsupported(WorkerError):
    """This configuration can never work here: trying again changes nothing."""

    type = "unsupported"
