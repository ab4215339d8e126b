"""Under too much load, requests to read are refused before anything is done for them."""

from deployments.ingress.services import InjectedServices


async def has_room(services: InjectedServices) -> None:
    """Let a request pass whose image may wait; a dependency of the reading routes, before the one that parses.

    The queue would refuse it too, but only once its body was parsed and its image decoded from base64;
    three times the load that can be served would then leave no time to serve it.

    Raises:
        TooBusyError: as many images wait as may.
    """
    services.reading.check_room()
