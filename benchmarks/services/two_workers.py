"""How those who do not use us serve: FastAPI on two uvicorn workers."""

import uvicorn


def serve(factory: str, *, port: int) -> None:
    """Serve an application on loopback until interrupted.

    Args:
        factory: where it is made, as module:function.
        port: to listen on.
    """
    uvicorn.run(factory, factory=True, port=port, workers=2, log_level="warning", access_log=False)
