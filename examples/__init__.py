"""What others build on the headless client: a robot, a bridge, a load generator. Each is run by a test."""
