"""Reads the response to a HEAD up to the end of its headers: some servers send a body for what does not exist."""

from __future__ import annotations

from typing import Any

from aiohttp.client_proto import ResponseHandler

_END = b"\r\n\r\n"


class Headers(ResponseHandler):
    """A connection that drops such a body, and is not used again after it, since more of it may come."""

    _open: bytes | None = None
    """The headers of a response without a body, as far as they have come; ``None`` for other responses."""

    def set_response_params(self, *, skip_payload: bool = False, **params: Any) -> None:
        """Called with each request."""
        self._open = b"" if skip_payload else None
        super().set_response_params(skip_payload=skip_payload, **params)

    def resume_reading(self, resume_parser: bool = True) -> None:
        """Called after each read; the library would also run its parser, with nothing, if nothing was paused."""
        if self._reading_paused:
            super().resume_reading(resume_parser)

    def data_received(self, data: bytes) -> None:
        """Called with whatever has come."""
        if self._open is None or not data:
            super().data_received(data)
            return
        before = len(self._open)
        self._open += data
        end = self._open.find(_END)
        if end < 0:
            super().data_received(data)
        elif before <= end + len(_END):
            if not self._is_success():
                self.force_close()
            super().data_received(self._open[before : end + len(_END)])

    def _is_success(self) -> bool:
        return self._open is not None and self._open.partition(b" ")[2].startswith(b"2")
