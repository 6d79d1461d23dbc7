"""One gradient step with gains and momentum, as in Barnes-Hut-SNE (docs/algorithm.md, section 3)."""

from __future__ import annotations

import numba

from tb_tsne_plugin.tsne.kernel import kernel

GAIN_RISE = 0.2
GAIN_FALL = 0.8
MIN_GAIN = 0.01


@kernel
def descend(Y, velocity, gains, attraction, repulsion, exaggeration, inverse_z, momentum, learning_rate):  # type: ignore[no-untyped-def]
    """Moves every point down the gradient 4 (alpha F_attr - F_rep), in place.

    Args:
      Y: (d, N) positions, changed.
      velocity: (d, N) last step, changed.
      gains: (d, N) step factors, changed: + 0.2 where gradient and velocity differ in sign, else x 0.8, at least 0.01.
      attraction: (d, N) F_attr.
      repulsion: (d, N) F_rep before the division by Z.
      exaggeration: alpha.
      inverse_z: 1 / Z.
      momentum: Part of the last step that is kept.
      learning_rate: Step length.
    """
    d, n = Y.shape
    for i in numba.prange(n):
        for axis in range(d):
            slope = 4 * (exaggeration * attraction[axis, i] - inverse_z * repulsion[axis, i])
            gain = gains[axis, i]
            if slope * velocity[axis, i] < 0:
                gain += GAIN_RISE
            else:
                gain = max(gain * GAIN_FALL, MIN_GAIN)
            gains[axis, i] = gain
            step = momentum * velocity[axis, i] - learning_rate * gain * slope
            velocity[axis, i] = step
            Y[axis, i] += step
