"""Always-valid tests on the servers' own counters: may be looked at as often as one likes."""
