from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consent", "0003_hand_overs")]

    operations = [
        migrations.AddField(model_name="emergencyaccess", name="cosignatures", field=models.JSONField(default=list)),
    ]
