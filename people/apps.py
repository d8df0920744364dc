from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "people"

    def ready(self) -> None:
        from people import notices, second_factor
        from people.push.road import road
        from people.standby import jobs

        second_factor.connect()
        jobs.register()
        notices.register(road.tell)
