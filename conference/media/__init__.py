"""The embedded media plane: a forwarder of sealed RTP that knows no Django and cannot open what it forwards."""
