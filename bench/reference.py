"""numpy's side of the benches. Reads a command a line, answers each with a line of JSON."""

import json
import sys
import time

import numpy as np

BLOCK = 1000


def timed(work):
    """Wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def yardstick():
    """Best of three float32 products of 2048^3."""
    rng = np.random.default_rng(1)
    left, right, out = (rng.random((2048, 2048), np.float32) for _ in range(3))
    times = [timed(lambda: np.matmul(left, right, out=out)) for _ in range(3)]
    return min(times, key=lambda time: time["cpu"])


def blocks(users):
    return [slice(start, start + BLOCK) for start in range(0, len(users), BLOCK)]


def product(users, items, out):
    """All scores, block by block into the same memory."""
    for block in blocks(users):
        part = users[block]
        np.matmul(part, items.T, out=out[: len(part)])


def method(users, items, offsets, indices, gamma, beta, kept_share):
    """The transport step as the equations read: two passes, every row sorted. Gives flags and labels."""
    counts = np.diff(offsets)
    user_shares = counts / len(indices)
    item_shares = np.bincount(indices, minlength=len(items)) / len(indices)
    column_sums = np.zeros(len(items))
    for block in blocks(users):
        column_sums += np.exp(users[block] @ items.T / gamma).sum(axis=0)
    item_weights = (item_shares / column_sums).astype(np.float32)
    size = len(items)
    eta = np.arange(1, size)
    flags = np.zeros(len(indices), bool)
    labels = np.zeros(len(indices), np.float32)
    ranks = np.zeros(len(indices), np.int64)
    for block in blocks(users):
        kernel = np.exp(users[block] @ items.T / gamma)
        user_weights = (user_shares[block] / kernel.sum(axis=1)).astype(np.float32)
        plan = kernel * np.maximum(item_weights, user_weights[:, None])
        plan /= plan.sum(axis=1, keepdims=True)
        for place, row in enumerate(plan):
            user = block.start + place
            own = slice(offsets[user], offsets[user + 1])
            ascending = np.sort(row)
            sums = np.cumsum(ascending[::-1], dtype=np.float64)
            gains = sums[:-1] ** 2 / eta + (sums[-1] - sums[:-1]) ** 2 / (size - eta)
            threshold = ascending[size - 1 - np.argmax(gains)]
            match = row[indices[own]]
            flags[own] = match < threshold
            relevance = 1 / (1 + np.exp(-beta * (match - threshold)))
            labels[own] = kept_share + (1 - kept_share) * relevance
            ranks[own] = size + 1 - np.searchsorted(ascending, match, side="right")
    return flags


def read(folder, shape):
    """The factors and the log that the bench wrote."""

    def array(name, kind):
        return np.fromfile(f"{folder}/{name}", kind)

    users = array("users", np.float32).reshape(shape["users"], shape["rank"])
    items = array("items", np.float32).reshape(shape["items"], shape["rank"])
    return users, items, array("offsets", np.uint32).astype(np.int64), array("indices", np.uint32)


def answer(command, held={}):
    name = command["name"]
    if name == "yardstick":
        return {"numpy": np.__version__, **yardstick()}
    if name == "read":
        held["log"] = read(command["folder"], command["shape"])
    if name == "make":
        rng = np.random.default_rng(1)
        shape = command["shape"]
        held["log"] = [rng.random((shape[side], shape["rank"]), np.float32) for side in ("users", "items")]
    users, items, *log = held["log"]
    if name == "product":
        return timed(lambda: product(users, items, held["out"]))
    if name == "method":
        flags = []
        time = timed(lambda: flags.append(method(users, items, *log, **command["settings"])))
        flags[0].tofile(command["flags"])
        return time
    held["out"] = np.ones((min(BLOCK, len(users)), len(items)), np.float32)
    return {}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
