"""The duty: incidents, teams, orders, and how an order reaches its tablet."""
