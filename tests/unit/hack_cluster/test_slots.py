"""No two clusters on one machine share an address."""

from itertools import combinations

from hack.cluster.slots import POOL, SLOT_COUNT, Slot, choose_slot, preferred_slot

ALL_SLOTS = [Slot(number) for number in range(SLOT_COUNT)]


def test_no_two_slots_overlap() -> None:
    for one, other in combinations(ALL_SLOTS, 2):
        assert not one.block.overlaps(other.block)
        assert one.host_device != other.host_device
        assert one.cgroup != other.cgroup


def test_the_networks_of_a_slot_lie_in_its_block_and_apart_from_each_other() -> None:
    for slot in ALL_SLOTS:
        networks = [slot.link, slot.pods, slot.services]
        assert all(network.subnet_of(slot.block) for network in networks)
        assert slot.block.subnet_of(POOL)
        assert not any(one.overlaps(other) for one, other in combinations(networks, 2))


def test_named_addresses_lie_in_their_networks() -> None:
    for slot in ALL_SLOTS:
        assert {slot.host_address, slot.node_address} <= set(slot.link.hosts())
        assert slot.dns_address in slot.services
        assert slot.api_service_address == next(slot.services.hosts())


def test_device_names_fit_the_kernels_limit() -> None:
    assert all(len(slot.host_device) <= 15 for slot in ALL_SLOTS)


def test_a_clone_gets_the_same_slot_each_time() -> None:
    first = choose_slot("/home/a/headgate", taken=[], routes=[])
    assert first == Slot(preferred_slot("/home/a/headgate"))
    assert choose_slot("/home/a/headgate", taken=[], routes=[]) == first


def test_a_clone_whose_slot_is_taken_gets_another() -> None:
    preferred = preferred_slot("/home/a/headgate")
    chosen = choose_slot("/home/a/headgate", taken=[preferred], routes=[])
    assert chosen is not None
    assert chosen.number != preferred


def test_a_slot_that_a_route_of_the_host_leads_into_is_left_alone() -> None:
    # given a host that reaches somebody else's network in the preferred block
    preferred = Slot(preferred_slot("/home/a/headgate"))
    routes = ["default", "10.0.0.0/8", "fd00::/64", f"{preferred.pods.network_address}/26"]
    # when
    chosen = choose_slot("/home/a/headgate", taken=[], routes=routes)
    # then
    assert chosen is not None
    assert not chosen.block.overlaps(preferred.block)


def test_a_default_route_takes_no_slot() -> None:
    assert choose_slot("/a", taken=[], routes=["default", "0.0.0.0/0"]) is not None


def test_no_slot_is_given_twice_until_none_is_left() -> None:
    taken: set[int] = set()
    for _ in range(SLOT_COUNT):
        slot = choose_slot("/a", taken=taken, routes=[])
        assert slot is not None
        assert slot.number not in taken
        taken.add(slot.number)
    assert choose_slot("/a", taken=taken, routes=[]) is None
