import "tillgate/popup";
