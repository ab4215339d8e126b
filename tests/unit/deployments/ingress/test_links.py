"""The OpenAPI document's links lead to operations that take what they give."""

from typing import Any

import httpx


async def links_of(client: httpx.AsyncClient) -> tuple[dict[str, Any], list[tuple[str, dict[str, Any]]]]:
    """Every operation by its id, and every link with the operation that it starts from."""
    paths = (await client.get("/openapi.json")).json()["paths"]
    operations = {found["operationId"]: found for path in paths.values() for found in path.values()}
    links = [
        (source, link)
        for source, operation in operations.items()
        for link in operation["responses"].get("200", {}).get("links", {}).values()
    ]
    return operations, links


async def test_every_link_names_an_operation_and_a_parameter_of_it(client: httpx.AsyncClient) -> None:
    operations, links = await links_of(client)
    assert links
    for _, link in links:
        taken = {parameter["name"] for parameter in operations[link["operationId"]]["parameters"]}
        assert set(link["parameters"]) <= taken


async def test_from_reading_and_from_ordering_every_route_of_one_thing_is_reached(client: httpx.AsyncClient) -> None:
    operations, links = await links_of(client)
    reached = {link["operationId"] for _, link in links}
    with_id = {
        name
        for name, operation in operations.items()
        if any(parameter["in"] == "path" for parameter in operation.get("parameters", ()))
    }
    assert with_id <= reached
