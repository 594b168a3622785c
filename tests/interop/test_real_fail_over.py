# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Three real servers, some of which are down or sick."""

import os

import pytest

from zones import ADDRESSES, TRIO

SEND = ("-f", "alice@example.org", "bob@ordered.plain.test")
TIMEOUT = 2  # connect_timeout of routes.account()
SICK = {
    "is down": None,
    "is silent": "GONE",
    "is busy": "S: 421 4.3.2 busy\nC? QUIT",
}
# How the three are found, in this order; and the port.
WAYS = {
    "host": ([f"host {name}.plain.test" for name in TRIO] + ["port 587"], 587),
    "srv": (["host srv", "domain_of ordered.plain.test"], 587),
    "mx": (["host mx"], 25),
}


@pytest.fixture(params=WAYS)
def way(request):
    return WAYS[request.param]


@pytest.fixture
def send(program, routes, way):
    """Runs the program with some of the three sick: send(one="is down")."""
    settings, port = way
    program.hosts = {f"{name}.plain.test": address
                     for name, address in ADDRESSES.items()}

    def send(*argv, **sick):
        for name, how in sick.items():
            routes.trio[name].stop()
            if SICK[how]:
                routes.network.listen(ADDRESSES[name], port).play(
                    SICK[how], optional=True)
        program.write_config(routes.account(*settings))
        run = program.run(*(argv or SEND))
        routes.network.finish()
        return run
    return send


def test_the_first_takes_it(send, routes):
    run = send()
    assert run.status == 0, run
    assert [name for name, _, _ in routes.arrived()] == ["one"]


@pytest.mark.parametrize("how", SICK)
@pytest.mark.parametrize("sick", TRIO)
def test_each_of_them_sick_in_turn(send, routes, sick, how):
    run = send(**{sick: how})
    assert run.status == 0, run
    assert [name for name, _, _ in routes.arrived()] == [
        "two" if sick == "one" else "one"]
    assert run.seconds < 2 * TIMEOUT


@pytest.mark.parametrize("last", TRIO)
def test_the_last_one_takes_it_once(send, routes, last):
    first, second = (name for name in TRIO if name != last)
    run = send(**{first: "is silent", second: "is busy"})
    assert run.status == 0, run
    assert [name for name, _, _ in routes.arrived()] == [last]
    assert run.seconds < 2 * TIMEOUT


def test_all_sick_tells_all(send, routes):
    run = send(one="is silent", two="is busy", three="is down")
    assert run.status == os.EX_TEMPFAIL, run
    assert run.stderr.count("\n") == 1, run
    first, second, third = run.stderr.split("; ")
    assert "one.plain.test: timed out" in first
    assert second == "two.plain.test said: 421 4.3.2 busy"
    assert "three.plain.test port" in third and "refused" in third
    assert not routes.arrived()
