"""Work that goes on while what it brought last is dealt with: in order, one ahead, with its errors where results would come."""

import threading
import weakref

import pytest

from pipelines.settle.one_ahead import one_ahead


class Result:
    def __init__(self, item):
        self.item = item


def test_results_come_in_order_and_the_next_is_worked_on_meanwhile():
    begun = {item: threading.Event() for item in "abc"}

    def work(item):
        begun[item].set()
        return item

    results = one_ahead(work, "abc")
    assert next(results) == "a"
    assert begun["b"].wait(10)
    assert not begun["c"].is_set()
    assert [*results] == ["b", "c"]
    assert [*one_ahead(work, "")] == []


def test_a_result_that_was_let_go_is_held_no_longer():
    for result in one_ahead(Result, "abc"):
        gone = threading.Event()
        weakref.finalize(result, gone.set)
        del result
        assert gone.wait(10)


def test_an_error_comes_where_the_result_would():
    results = one_ahead(lambda item: 1 // item, [1, 0])
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)
