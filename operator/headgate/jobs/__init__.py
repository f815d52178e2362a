"""What runs inside Job pods and on the command line; scipy and the like are imported only here."""
