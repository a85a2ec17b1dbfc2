"""How payloads come in: from a broker, by polling, through the devices' door."""
