"""The headless client: everything a person can do, over the public interface alone, with keys that stay here."""
