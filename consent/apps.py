from django.apps import AppConfig


class ConsentConfig(AppConfig):
    name = "consent"

    def ready(self) -> None:
        from consent import jobs, listening
        from consent.emergencies import listening as emergencies

        listening.connect()
        emergencies.connect()
        jobs.register()
