"""The database refuses to change or remove an entry."""

from django.db import migrations

from audit import triggers


def create(apps, schema_editor):
    triggers.create(schema_editor.connection, ["audit_entry"])


def drop(apps, schema_editor):
    triggers.drop(schema_editor.connection, ["audit_entry"])


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
