"""Write the Chinese, Japanese and Korean words of a column's name in English, because no blanks stand between them."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "tokens": ("トークン", "토큰", "令牌", "词元", "詞元"),
        "input": ("输入", "輸入", "入力", "입력", "提示词", "提示", "プロンプト", "프롬프트"),
        "output": ("输出", "輸出", "出力", "출력", "补全", "補全", "生成", "응답"),
        "cached": ("缓存", "緩存", "快取", "キャッシュ", "캐시"),
        "read": ("读取", "讀取", "命中", "読み取り", "読取", "ヒット", "읽기"),
        "write": ("写入", "寫入", "書き込み", "書込", "创建", "쓰기"),
        "requests": ("请求", "請求", "调用", "呼叫", "リクエスト", "呼び出し", "요청", "호출"),
        "count": ("次数", "次數", "数量", "數量", "件数", "回数", "总数", "数", "數", "횟수", "개수", "수"),
        "total": ("合计", "合計", "总计", "總計", "总", "總", "합계", "총"),
        "cost": ("费用", "費用", "花费", "成本", "コスト", "料金", "비용"),
        "usd": ("美元", "美金", "ドル", "달러"),
        "of": ("的", "の", "의"),
    }
)
"""Our words, and how they are written; longer ones go before their beginnings."""

_ENGLISH: Final[Mapping[str, str]] = MappingProxyType(
    {word: english for english, words in _WORDS.items() for word in words}
)
_WORD: Final = re.compile("|".join(sorted(_ENGLISH, key=len, reverse=True)))


def write_in_english(name: str) -> str:
    """Return a name with those of its words that are known in English, apart from each other."""
    return name if name.isascii() else _WORD.sub(lambda word: f" {_ENGLISH[word[0]]} ", name)
