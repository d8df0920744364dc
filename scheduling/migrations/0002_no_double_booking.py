"""PostgreSQL refuses two claims of one person that overlap.

SQLite has no such constraint and needs none: its writing transactions are immediate, one at a time.
"""

from django.db import migrations

CREATE = """
ALTER TABLE scheduling_claim ADD CONSTRAINT no_double_booking
EXCLUDE USING gist (user_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
"""
DROP = "ALTER TABLE scheduling_claim DROP CONSTRAINT no_double_booking"


def create(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        schema_editor.execute(CREATE)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(DROP)


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
