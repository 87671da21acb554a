import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_operator_buildings'),
        ('readings', '0004_review'),
        ('servers', '0005_lost_spans'),
    ]

    operations = [
        migrations.CreateModel(
            name='BandsOf',
            fields=[
                ('pk', models.CompositePrimaryKey('programme_id', 'register_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('calendar', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='readings.calendar')),
                ('programme', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.programme')),
                ('register', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='servers.register')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
    ]
