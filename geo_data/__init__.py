"""The ground: roads, places and travel time. It never knows teams or orders."""
