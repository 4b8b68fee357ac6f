//! Wire types, codec, version handshake and the sans-IO sync session.
