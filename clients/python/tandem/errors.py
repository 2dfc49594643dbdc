# SPDX-License-Identifier: Apache-2.0
"""Errors of calls, with the server's reason and the fields that are wrong."""

from typing import Dict, List, NamedTuple, Optional

import grpc
from google.rpc import error_details_pb2, status_pb2


class Violation(NamedTuple):
    """One wrong field of a request."""

    field: str
    description: str


class TandemError(Exception):
    """A call that failed. `reason` is stable; `message` is for people."""

    def __init__(self, code, reason, message, metadata=None, violations=(), retry_after=None):
        super().__init__(f"{reason or code.name}: {message}")
        self.code: grpc.StatusCode = code
        self.reason: str = reason
        self.message: str = message
        self.metadata: Dict[str, str] = dict(metadata or {})
        self.violations: List[Violation] = list(violations)
        self.retry_after: Optional[float] = retry_after


class NotFoundError(TandemError):
    """There is no such record."""


class ExistsError(TandemError):
    """The name or identifier is taken."""


class InvalidError(TandemError):
    """A field, filter, order or page token is wrong."""


class ConflictError(TandemError):
    """The record changed meanwhile, for example ETAG_MISMATCH: read it again."""


class PreconditionError(TandemError):
    """The state of the directory does not allow it."""


class DeniedError(TandemError):
    """The caller may not do this."""


class UnavailableError(TandemError):
    """No server answers, or it is not ready. Calls were tried again already."""


class TimedOutError(TandemError):
    """The time was over."""


_CLASSES = {
    grpc.StatusCode.NOT_FOUND: NotFoundError,
    grpc.StatusCode.ALREADY_EXISTS: ExistsError,
    grpc.StatusCode.INVALID_ARGUMENT: InvalidError,
    grpc.StatusCode.ABORTED: ConflictError,
    grpc.StatusCode.FAILED_PRECONDITION: PreconditionError,
    grpc.StatusCode.PERMISSION_DENIED: DeniedError,
    grpc.StatusCode.UNAUTHENTICATED: DeniedError,
    grpc.StatusCode.UNAVAILABLE: UnavailableError,
    grpc.StatusCode.DEADLINE_EXCEEDED: TimedOutError,
}


def from_rpc_error(error: grpc.RpcError) -> TandemError:
    """The typed error for what grpc raised."""
    reason, metadata, violations, retry_after = "", {}, [], None
    for key, value in error.trailing_metadata() or ():
        if key != "grpc-status-details-bin":
            continue
        status = status_pb2.Status.FromString(value)
        for detail in status.details:
            info = error_details_pb2.ErrorInfo()
            request = error_details_pb2.BadRequest()
            retry = error_details_pb2.RetryInfo()
            if detail.Unpack(info):
                reason, metadata = info.reason, info.metadata
            elif detail.Unpack(request):
                violations = [Violation(v.field, v.description) for v in request.field_violations]
            elif detail.Unpack(retry):
                retry_after = retry.retry_delay.ToTimedelta().total_seconds()
    kind = _CLASSES.get(error.code(), TandemError)
    return kind(error.code(), reason, error.details() or "", metadata, violations, retry_after)
