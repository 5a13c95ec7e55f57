def shut(a, log):
    if a:
        log.append(a)


def each(items, log):
    for item in items:
        log.append(item)


shut(1, [])
each([], [])
