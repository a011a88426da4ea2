import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
pytest_plugins = ["pair", "sql_tables"]
