from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "people"

    def ready(self) -> None:
        from people import second_factor
        from people.standby import jobs

        second_factor.connect()
        jobs.register()
