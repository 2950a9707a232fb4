"""Messages of one kind told in one line."""

import pytest

from pipelines.rejects.ranges import tell_ranges


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        (["表头 13 列，本行 12 列", "表头 13 列，本行 9 列", "表头 13 列，本行 14 列"], ["表头 13 列，本行 9–14 列"]),
        (["“甲”不存在", "“乙”不存在"], ["“乙”等 2 个值不存在"]),
        (["“甲”不存在"], ["“甲”不存在"]),
        (["必须大于 0", "不能为空"], ["必须大于 0", "不能为空"]),
        (["价格 0.5 元", "价格 12.25 元"], ["价格 0.5–12.25 元"]),
        (["写作 2020-04-05", "写作 2020-04-05"], ["写作 2020-04-05"]),
    ],
)
def test_what_differs_in_values_only_is_told_once(messages, told):
    counts = tell_ranges(dict.fromkeys(messages, 1))
    assert (list(counts), sum(counts.values())) == (told, len(set(messages)))
