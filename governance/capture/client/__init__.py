"""The capture client: reads logs that other tools recorded and posts them to the gate. It needs no Django."""
