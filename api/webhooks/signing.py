"""The headers by which a receiver knows that an event is ours: Standard Webhooks, signed with each live secret."""

from datetime import datetime

from standardwebhooks import Webhook


def signed(secrets: list[str], event_id: str, body: str, now: datetime) -> dict[str, str]:
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(event_id, now, body) for secret in secrets),
    }
