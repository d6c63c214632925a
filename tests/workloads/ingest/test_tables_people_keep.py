"""Tables as BI tools export them and as people keep them, in several languages, with sums added up by hand."""

from pathlib import Path

import pytest

from tests.support.workloads.ingested_logs import ingest_log

pytestmark = pytest.mark.slow

POWER_BI = """Row Labels,Sum of Requests,Sum of Input Tokens,Sum of Output Tokens
2026-03-01,300,5200000,630000
gpt-4o,120,1200000,130000
gpt-4o-mini,180,4000000,500000
2026-03-02,70,700000,70001
gpt-4o-mini,70,700000,70001
Grand Total,370,5900000,700001
"""
EXCEL_PIVOT = """Zeilenbeschriftungen;Summe von Anfragen;Summe von Eingabe-Token;Summe von Ausgabe-Token
Suche;520;5.200.000;630.000
gpt-4o;120;1.200.000;130.000
gpt-4o-mini;400;4.000.000;500.000
Support;50;500.000;60.000
gpt-4o;50;500.000;60.000
Gesamtergebnis;570;5.700.000;690.000
"""
SPANISH = """Fecha;Modelo;Nº de peticiones;Tokens de entrada;Tokens de salida;Tokens en caché;Coste (USD)
01/03/2026;gpt-4o;1.200;12.000.000;1.300.000;2.000.000;40,50
02/03/2026;gpt-4o;900;9.000.000;1.000.000;1.000.000;31,25
TOTAL;;2.100;21.000.000;2.300.000;3.000.000;71,75
"""
ITALIAN = """Settimana;Modello;Richieste;Token in ingresso;Token in uscita;Quota %
02/03/2026;gpt-4o;1000;10.000.000;1.000.000;48,0%
09/03/2026;gpt-4o;1100;11.000.000;1.100.000;52,0%
"""
PORTUGUESE = """Data;Modelo;Solicitações;Tokens de entrada;Tokens de saída;Custo (US$)
01/03/2026;gpt-4o;1.000;10.000.000;1.000.000;35,00
02/03/2026;gpt-4o;1.100;11.000.000;1.100.000;38,50
Total geral;;2.100;21.000.000;2.100.000;73,50
"""
DUTCH = """Datum;Model;Aantal verzoeken;Invoertokens;Uitvoertokens
01-03-2026;gpt-4o;1.000;10.000.000;1.000.000
02-03-2026;gpt-4o;1.100;11.000.000;1.100.000
Totaal;;2.100;21.000.000;2.100.000
"""
LOOKER = """Usage Date,Usage Model Name,Usage Total Prompt Tokens,Usage Total Completion Tokens
2026-03-02,gpt-4o,2000000,200000
2026-03-01,gpt-4o,1000000,100000
Total,,3000000,300000
"""
MILLIONS = """Week of,Team,Model,Calls,Input (M tokens),Output (M tokens)
2026-03-02,Search,gpt-4o,1200,12.5,1.25
2026-03-09,Search,gpt-4o,1300,13,1.3
2026-03-02,Support,claude-haiku-4-5,800,8,0.9
"""
THOUSANDS = """Day,Model,# requests,Prompt (K),Completion (K)
2026-03-01,gpt-4o,120,1200,130
2026-03-02,gpt-4o,130,1300,140
"""
CACHED = """Date,Model,Requests,Input tokens,of which cached,Output tokens
2026-03-01,gpt-4o,120,1200000,400000,130000
2026-03-02,gpt-4o,130,1300000,500000,140000
"""
USERS = """User,Model,Prompts sent,Input tokens,Output tokens,Share of total
ann@example.org,gpt-4o,120,1200000,130000,50%
bob@example.org,gpt-4o,130,1200000,130000,50%
All users,,250,2400000,260000,100%
"""

JAPANESE = """日付,モデル,リクエスト数,入力トークン数,出力トークン数,キャッシュ読み取りトークン
2026-03-01,gpt-4o,10,1000000,100000,400000
2026-03-02,gpt-4o,20,2000000,200000,0
"""
CHINESE = """日期,模型,请求次数,输入tokens,输出tokens,缓存命中tokens,费用(元)
2026-03-01,gpt-4o,10,1000000,100000,400000,25.2
2026-03-02,gpt-4o,20,2000000,200000,0,75.6
"""
KOREAN = """날짜,모델,요청 수,입력 토큰,출력 토큰,캐시 토큰
2026-03-01,gpt-4o,10,1000000,100000,400000
2026-03-02,gpt-4o,20,2000000,200000,0
"""


@pytest.mark.parametrize(
    ("table", "requests", "fresh", "read", "output"),
    [
        (POWER_BI, 370, 5_900_000, 0, 700_001),
        (EXCEL_PIVOT, 570, 5_700_000, 0, 690_000),
        (SPANISH, 2_100, 18_000_000, 3_000_000, 2_300_000),
        (ITALIAN, 2_100, 21_000_000, 0, 2_100_000),
        (PORTUGUESE, 2_100, 21_000_000, 0, 2_100_000),
        (DUTCH, 2_100, 21_000_000, 0, 2_100_000),
        (LOOKER, None, 3_000_000, 0, 300_000),
        (MILLIONS, 3_300, 33_500_000, 0, 3_450_000),
        (THOUSANDS, 250, 2_500_000, 0, 270_000),
        (CACHED, 250, 1_600_000, 900_000, 270_000),
        (USERS, 250, 2_400_000, 0, 260_000),
        (JAPANESE, 30, 2_600_000, 400_000, 300_000),
        (CHINESE, 30, 2_600_000, 400_000, 300_000),
        (KOREAN, 30, 2_600_000, 400_000, 300_000),
    ],
    ids=[
        "power-bi",
        "pivot",
        "spanish",
        "italian",
        "portuguese",
        "dutch",
        "looker",
        "m",
        "k",
        "cached",
        "users",
        "ja",
        "zh",
        "ko",
    ],
)
def test_it_is_read_as_it_was_added_up(
    table: str, requests: int | None, fresh: int, read: int, output: int, tmp_path: Path
) -> None:
    log = ingest_log(tmp_path, table)
    assert log.source.requests == requests
    sums = tuple(sum(log.column(name)) for name in ("fresh_input", "cache_read", "output"))
    assert sums == (fresh, read, output)
    assert "元" not in log.source.mapping.get("cost_usd", "")
