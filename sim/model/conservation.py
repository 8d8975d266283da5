"""Conservation: nobody appears from nothing or disappears."""


class ConservationError(AssertionError):
    """Flow and census disagree: an engine has lost or doubled a customer."""
