"""Receipts as text."""

from shop.price import total


def euros(cents):
    return f"{cents // 100}.{cents % 100:02d}"


def receipt(items, width=24):
    lines = []
    for count, each in items:
        left = f"{count} x {euros(each)}"
        right = euros(count * each)
        lines.append(left + " " * (width - len(left) - len(right)) + right)
    if not lines:
        return "nothing bought"
    lines.append("-" * width)
    lines.append(euros(total(items)).rjust(width))
    return "\n".join(lines)


def shout(text):
    return text.upper() + "!"
