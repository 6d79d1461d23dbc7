"""The paper's classifier (section 4): a small network that goes on learning from its state as labels come in.

A whole training is one call of one compiled function, on one CPU thread: thousands of trainings of a few hundred
samples each cost what their matrix products cost, and give the same numbers wherever they run.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

EPOCHS = 50
BATCH_SIZE = 32
LEARNING_RATE = 1e-3
DROPOUT = 0.25


@lru_cache(maxsize=1)
def _keras() -> tuple[Any, Any]:
    """TensorFlow and Keras, quiet and on one thread; imported when the first classifier is made."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    import keras
    import tensorflow as tf

    try:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        tf.config.set_visible_devices([], "GPU")  # matrices of 32 rows are faster here
    except RuntimeError:
        pass  # somebody in this process has used TensorFlow before; it keeps its threads
    return tf, keras


class Classifier:
    """D inputs, 25 % dropout, D/4 ReLU, 25 % dropout, softmax; Adam, batches of 32.

    Attributes:
      trainings: How often it was trained since it was fresh.
    """

    starts_anew = False
    """Whether a training forgets the one before."""
    trainings: int

    def __init__(self, n_features: int, n_classes: int, seed: int = 0) -> None:
        """Builds and compiles the network; `reset` makes a fresh one of it much sooner.

        Args:
          n_features: D.
          n_classes: How many classes.
          seed: Of the weights, the dropout and the order of the samples.
        """
        tf, keras = _keras()
        with tf.device("CPU:0"):
            hidden = keras.layers.Dense(max(n_features // 4, 1), activation="relu")
            self._dense = [hidden, keras.layers.Dense(n_classes)]
            self._dropouts = [keras.layers.Dropout(DROPOUT, seed=0), keras.layers.Dropout(DROPOUT, seed=0)]
            parts = [self._dropouts[0], self._dense[0], self._dropouts[1], self._dense[1]]
            self._network = keras.Sequential([keras.Input((n_features,)), *parts])
            self._optimizer = keras.optimizers.Adam(LEARNING_RATE)
            self._optimizer.build(self._network.trainable_variables)
            self._fresh_optimizer = [variable.numpy() for variable in self._optimizer.variables]
            self._train = _compiled_training(tf, keras, self._network, self._optimizer)
            self._logits = tf.function(self._network, reduce_retracing=True)
        self.reset(seed)

    def reset(self, seed: int) -> None:
        """Forgets everything learnt.

        Args:
          seed: As when it was made.
        """
        _, keras = _keras()
        self.trainings = 0
        self._order = np.random.default_rng(seed)
        for number, (dense, dropout) in enumerate(zip(self._dense, self._dropouts, strict=True)):
            dense.kernel.assign(keras.initializers.GlorotUniform(seed=seed + number)(dense.kernel.shape))
            dense.bias.assign(np.zeros(dense.bias.shape, dtype=np.float32))
            dropout.seed_generator.state.assign(np.array([seed, number], dtype=np.uint32))
        for variable, value in zip(self._optimizer.variables, self._fresh_optimizer, strict=True):
            variable.assign(value)

    def train(self, inputs: NDArray[np.float32], labels: NDArray[np.integer]) -> None:
        """Trains 50 epochs, from the present weights and the optimiser's present state.

        Args:
          inputs: (n, D), standardised.
          labels: (n,) classes.
        """
        tf, _ = _keras()
        rows = np.tile(np.arange(len(inputs), dtype=np.int32), (EPOCHS, 1))
        order = self._order.permuted(rows, axis=1)
        with tf.device("CPU:0"):
            self._train(tf.constant(inputs), tf.constant(labels.astype(np.int32)), tf.constant(order))
        self.trainings += 1

    def logits(self, inputs: NDArray[np.float32]) -> NDArray[np.float64]:
        """(n, n_classes) what the softmax is taken of, for (n, D) inputs."""
        tf, _ = _keras()
        with tf.device("CPU:0"):
            return np.asarray(self._logits(tf.constant(inputs)).numpy(), dtype=np.float64)

    def probabilities(self, inputs: NDArray[np.float32]) -> NDArray[np.float64]:
        """(n, n_classes) predictions for (n, D) inputs, rows of sum 1."""
        from scipy.special import softmax

        return np.asarray(softmax(self.logits(inputs), axis=1))

    def embedding(self, inputs: NDArray[np.float32]) -> NDArray[np.float64]:
        """(n, D/4) what the last layer sees of (n, D) inputs."""
        hidden = self._dense[0]
        return np.asarray(np.maximum(inputs @ hidden.kernel.numpy() + hidden.bias.numpy(), 0), dtype=np.float64)

    def fresh(self, seed: int) -> Classifier:
        """Another one of this shape that has learnt nothing; the next call makes the same one fresh again."""
        return fresh_classifier(self._network.input_shape[1], self._network.output_shape[1], seed, spare=True)

    def accuracy(self, inputs: NDArray[np.float32], labels: NDArray[np.integer]) -> float:
        """The share of (n, D) inputs whose likeliest class is the (n,) label."""
        return float((self.probabilities(inputs).argmax(axis=1) == labels).mean())


def _compiled_training(tf: Any, keras: Any, network: Any, optimizer: Any) -> Any:
    """`train(inputs, labels, order)`: one step for each batch of each row of `order`, in one graph."""
    variables = network.trainable_variables

    def train(inputs: Any, labels: Any, order: Any) -> None:
        n = tf.shape(order)[1]
        for epoch in tf.range(tf.shape(order)[0]):
            for begin in tf.range(0, n, BATCH_SIZE):
                rows = order[epoch, begin : begin + BATCH_SIZE]
                with tf.GradientTape() as tape:
                    logits = network(tf.gather(inputs, rows), training=True)
                    losses = keras.losses.sparse_categorical_crossentropy(tf.gather(labels, rows), logits, True)
                    loss = tf.reduce_mean(losses)
                optimizer.apply(tape.gradient(loss, variables), variables)

    matrix = tf.TensorSpec([None, network.input_shape[1]], tf.float32)
    signature = [matrix, tf.TensorSpec([None], tf.int32), tf.TensorSpec([None, None], tf.int32)]
    return tf.function(train, input_signature=signature)


@lru_cache(maxsize=4)
def _of_shape(n_features: int, n_classes: int, _spare: bool) -> Classifier:
    return Classifier(n_features, n_classes)


def fresh_classifier(n_features: int, n_classes: int, seed: int, *, spare: bool = False) -> Classifier:
    """A classifier that has learnt nothing; compiled once for each shape in a process.

    Args:
      n_features: D.
      n_classes: How many classes.
      seed: Of the weights, the dropout and the order of the samples.
      spare: Takes the process' second one, and leaves the first as it is.

    Returns:
      The process' one classifier of that shape, made fresh: an earlier one is the same object, and ends here.
    """
    classifier = _of_shape(n_features, n_classes, spare)
    classifier.reset(seed)
    return classifier
