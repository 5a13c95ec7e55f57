"""Shelves of a depot."""


class Shelf:
    """Holds so many boxes."""

    def __init__(self, room):
        self.room = room
        self.boxes = []

    def put(self, box):
        if len(self.boxes) >= self.room:
            raise OverflowError(
                "shelf is full"
            )
        self.boxes.append(box)
        return self

    def find(self, wanted):
        for at, box in enumerate(self.boxes):
            if box == wanted:
                return at
        return None

    def __repr__(self):  # pragma: no cover
        return f"<shelf of {self.room}>"


def heaviest(boxes):
    def weight(box):
        return box[1]

    return max(boxes, key=weight, default=None)


def sort_in(boxes, shelves):
    left = list(boxes)
    while left:
        box = left.pop()
        for shelf in shelves:
            try:
                shelf.put(box)
                break
            except OverflowError:
                continue
        else:
            return left
    return []
