"""What a short, distorted text image says: decoding, network, CTC, checkpoints. Pure of any server."""
