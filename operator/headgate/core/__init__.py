"""What every kind shares. Pure: nothing here reads a clock, a file or the network."""
