"""The whole schema, from the SQL files beside: constraints, partitions, triggers, row-level security and grants
are PostgreSQL's own words and are read best in them."""

from pathlib import Path
from typing import Any, ClassVar

from django.db import migrations

from shebao.books.server import create_roles

SCHEMA = Path(__file__).parent.parent / "schema"


def roles(_apps: Any, editor: Any) -> None:
    """The roles belong to the server, not to the database, so they may be there already."""
    connection = editor.connection.connection
    create_roles(connection)
    connection.execute("GRANT USAGE, CREATE ON SCHEMA public TO shebao_owner")


class Migration(migrations.Migration):
    initial = True
    dependencies: ClassVar[list[tuple[str, str]]] = []
    operations: ClassVar[list[Any]] = [
        migrations.RunPython(roles, migrations.RunPython.noop),
        *(migrations.RunSQL(file.read_text(encoding="utf-8")) for file in sorted(SCHEMA.glob("*.sql"))),
    ]
