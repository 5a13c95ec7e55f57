SIZES = {"s": 1, "m": 2}


def label(box):
    name, size = box
    return f"{name}/{SIZES.get(size, 0)}"


def parse(text):
    name, _, size = text.partition("/")
    return name, int(size) if size else None
