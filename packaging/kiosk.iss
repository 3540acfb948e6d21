; Installer for Windows, with Inno Setup 6. After PyInstaller has made dist\kiosk (README.md):
;   iscc /DVersion=0.1.0 packaging\kiosk.iss
; writes dist\persona-kiosk-setup.exe.

#ifndef Version
  #error Say which version this is: iscc /DVersion=0.1.0 packaging\kiosk.iss
#endif

[Setup]
AppId=persona-kiosk
AppName=Persona Kiosk
AppVersion={#Version}
DefaultDirName={autopf}\Persona Kiosk
DisableProgramGroupPage=yes
LicenseFile=..\LICENSE
SourceDir=..
OutputDir=dist
OutputBaseFilename=persona-kiosk-setup
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
; The models are compressed as far as they go.
Compression=zip

[Tasks]
Name: autostart; Description: "Open the kiosk when this user logs in"

[Files]
Source: "dist\kiosk\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion
; Where staff find it, to make their own from.
Source: "persona.toml"; DestDir: "{app}"; Flags: ignoreversion

[Icons]
Name: "{autoprograms}\Persona Kiosk"; Filename: "{app}\kiosk.exe"; Parameters: "run"
Name: "{userstartup}\Persona Kiosk"; Filename: "{app}\kiosk.exe"; Parameters: "run"; Tasks: autostart

[InstallDelete]
; Libraries of an older version would be found before the new ones.
Type: filesandordirs; Name: "{app}\_internal"
