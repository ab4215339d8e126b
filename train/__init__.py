"""How a model learns: drawn images, the training loop, evaluation."""
