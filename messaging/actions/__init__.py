"""What may be done in messaging: one public function a use case, each one transaction."""
