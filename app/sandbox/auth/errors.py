"""What the token endpoint answers when it refuses."""

from __future__ import annotations


class OAuthError(Exception):
    """`{"error": …, "error_description": …}`, in the words of a real org."""

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        self.error = error
        self.description = description
        self.status = status
        super().__init__(f"{error}: {description}")

    def body(self) -> dict[str, str]:
        """The JSON that the endpoint sends."""
        return {"error": self.error, "error_description": self.description}


def invalid_grant(description: str) -> OAuthError:
    """The assertion, code or refresh token is not good."""
    return OAuthError("invalid_grant", description)
