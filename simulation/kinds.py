"""The latent types: how each kind of customer lives. The pipeline has to find them by itself."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """Rates are per year of being a customer; shares and probabilities lie in 0..1.

    email_lift and sms_lift: how much a message multiplies the next week's orders (0: not at all).
    """

    name: str
    share: float
    orders: float
    visits: float
    opens: float
    clicks: float
    account: float
    discount: float
    email_lift: float
    sms_lift: float
    leaving: float


KINDS = (
    Kind("loyal_regular", 0.16, 13.0, 6.0, 0.45, 0.25, 0.95, 0.15, 0.15, 0.15, 0.08),
    Kind("seasonal", 0.12, 7.0, 5.0, 0.25, 0.2, 0.8, 0.2, 0.1, 0.1, 0.12),
    Kind("weekend", 0.12, 8.5, 5.0, 0.3, 0.2, 0.85, 0.2, 0.15, 0.1, 0.15),
    Kind("email_lover", 0.10, 8.0, 5.0, 0.8, 0.5, 0.95, 0.2, 0.9, -0.2, 0.12),
    Kind("discount_only", 0.12, 7.5, 8.0, 0.4, 0.35, 0.85, 0.95, 0.3, 0.4, 0.2),
    Kind("browser", 0.12, 0.0, 22.0, 0.3, 0.2, 0.65, 0.0, 0.0, 0.0, 0.3),
    Kind("cart_abandoner", 0.09, 0.8, 20.0, 0.35, 0.25, 0.85, 0.3, 0.6, 0.5, 0.25),
    Kind("silent_leaver", 0.09, 12.0, 7.0, 0.4, 0.25, 0.9, 0.2, 0.1, 0.05, 0.9),
    Kind("subscriber", 0.08, 6.0, 9.0, 0.4, 0.3, 1.0, 0.1, 0.2, 0.1, 0.15),
)
CODE = {kind.name: code for code, kind in enumerate(KINDS)}
